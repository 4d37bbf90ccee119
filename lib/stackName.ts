import * as pulumi from "@pulumi/pulumi";

/**
 * The stack as it is written on what it has on hosts, `project/stack`: several stacks may use a host, with sets, jobs and
 * volumes of the same names.
 */
export const stackName = (): string => `${pulumi.getProject()}/${pulumi.getStack()}`;

/**
 * The same where a name has no room for a slash: in those of volumes and of systemd's units. Two dashes, as one is in many names
 * of projects and stacks.
 */
export const stackPrefix = (): string => `${pulumi.getProject()}--${pulumi.getStack()}`;
