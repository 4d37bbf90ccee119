export { joinPort } from "./join";
export { type Lab, type LabStatus, labDown, labStatus, labUp } from "./lab";
export { type LabEnd, linkLabs, remoteUri } from "./link";
