import { takeDockerConfig } from "../images/dockerConfig";
import { script } from "../shell";

/** The script, run on the balancer's machine, that gets an image. Standard input has Docker's configuration with credentials. */
export const pullScript = (image: string): string =>
    script(
        { IMAGE: image },
        String.raw`
VM=$(uname -n)
${takeDockerConfig}
docker image inspect "$IMAGE" >/dev/null 2>&1 || docker pull --quiet "$IMAGE" >/dev/null || stop "docker pull $IMAGE has failed"
echo "$IMAGE is on $VM"`,
    );
