import { script } from "../../shell";
import { type ProxySpec, proxyVariables } from "../proxySpec";

/**
 * The script, run in the guest at every start before anything is fetched, that makes the proxy known to logins, packages
 * and Docker. What it wrote before is written over.
 */
export function proxyScript(proxy: ProxySpec): string {
    const variables = proxyVariables(proxy);
    const apt = [
        ...(proxy.http === undefined ? [] : [`Acquire::http::Proxy "${proxy.http}";`]),
        ...(proxy.https === undefined ? [] : [`Acquire::https::Proxy "${proxy.https}";`]),
    ];
    const service = variables.map((line) => `Environment="${line.replace(/^[a-z_]+/, (name) => name.toUpperCase())}"`);
    return script(
        {
            ENVIRONMENT: variables.join("\n"),
            APT: apt.join("\n"),
            DNF: proxy.https ?? proxy.http ?? "",
            SERVICE: ["[Service]", ...service].join("\n"),
        },
        String.raw`
touch /etc/environment
# With the last line's end, where it lacks one.
sed -i -E -e '/^(https?|no)_proxy=/Id' -e '$a\' /etc/environment
printf '%s\n' "$ENVIRONMENT" >>/etc/environment
if command -v apt-get >/dev/null; then
    mkdir -p /etc/apt/apt.conf.d
    printf '%s\n' "$APT" >/etc/apt/apt.conf.d/90-fusion-proxy
elif command -v dnf >/dev/null; then
    mkdir -p /etc/dnf
    grep -qs '^\[main\]' /etc/dnf/dnf.conf || echo '[main]' >>/etc/dnf/dnf.conf
    sed -i -E -e '/^proxy *=/d' -e "s|^\[main\].*|&\nproxy=$DNF|" /etc/dnf/dnf.conf
fi
mkdir -p /etc/systemd/system/docker.service.d
printf '%s\n' "$SERVICE" >/etc/systemd/system/docker.service.d/10-fusion-proxy.conf
systemctl daemon-reload
`,
    );
}
