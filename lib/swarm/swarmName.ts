/** Whether Swarm takes a name for a service or a network: more than a DNS label, less than a name of Docker's (swarmkit's `validateAnnotations`). */
export const isSwarmName = (name: string): boolean =>
    name.length <= 63 && /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name) && /[A-Za-z0-9]$/.test(name);

export const NAME_REMEDY = "use up to 63 letters, digits, '_' and '-', beginning and ending with a letter or digit";
