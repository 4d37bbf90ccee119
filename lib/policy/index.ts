export { type FusionPolicyOptions, fusionPolicies } from "./fusionPolicies";
