import { stringify } from "yaml";

/** cloud-init reads YAML 1.1, where `on` is a boolean and the MAC 52:54:00:10:20:30 a number in base 60: those are quoted. */
export const yaml = (value: unknown): string => stringify(value, { lineWidth: 0, compat: "yaml-1.1" });
