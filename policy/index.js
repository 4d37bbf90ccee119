// As it is delivered: `pulumi up --policy-pack node_modules/pulumi-fusion/policy`.
const { PolicyPack } = require("@pulumi/policy");
const { fusionPolicies } = require("../dist/lib/policy");

new PolicyPack("fusion", { policies: fusionPolicies() });
