// The one door to libvirt. Its SDK is generated (`npm run sdk`) and pinned: version 0.9 of the provider is an incompatible
// rewrite. Each resource comes from its own file, because the generated index loads them lazily in a way that TypeScript's
// compiler keeps and esbuild, which runs the tests, does not.
export * from "../sdks/libvirt/domain";
export * from "../sdks/libvirt/network";
export * from "../sdks/libvirt/pool";
export * from "../sdks/libvirt/provider";
export * from "../sdks/libvirt/volume";
