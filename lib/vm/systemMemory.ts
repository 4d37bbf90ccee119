/** Memory that the guest's own system and Docker take, in MiB; the rest is there for containers. */
export const SYSTEM_MEMORY_MIB = 256;
