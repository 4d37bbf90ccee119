/** Seconds that an old HAProxy process has to finish what it holds. */
export const HARD_STOP_AFTER = 90;

/** HAProxy's run-time socket. */
export const socketPath = (directory: string): string => `${directory}/admin.sock`;

/** A file that only root reads: a certificate with its key, or who may see the metrics. */
export const secretFile = (directory: string, name: string): string => `${directory}/secret/${name}`;

/** The secret file with the login of the metrics. */
export const LOGIN_FILE = "metrics-login";
