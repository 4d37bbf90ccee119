import assert from "node:assert/strict";
import { slotsIn } from "../../../lib/containers/portsInUse";

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0B4E0A0A:4E20 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0B4E0A0A:4E2A 0C4E0A0A:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
   0: 00000000000000000000000000000000:4E38 00000000000000000000000000000000:0000 0A 00000000:00000000 00:0 0 0 0 4
`;

const udp = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  300: 0B4E0A0A:4E48 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 5 2 0 0
  301: 0B4E0A0A:4E52 0C4E0A0A:0035 01 00000000:00000000 00:00000000 00000000     0        0 6 2 0 0
  302: 00000000000000000000000000000000:4E58 00000000000000000000000000000000:0000 07 00000000:00000000 00:0 0 0 0 7
`;

describe("ports that are in use on a machine", () => {
    it("are those of listening sockets and of Docker, as slots", () => {
        // 20000, a connection from 20010, 22, 20024; 20033 and 8080.
        assert.deepEqual(slotsIn(`${tcp}10.78.0.11:20033->80/tcp, 0.0.0.0:8080->80/tcp\n\n`), [0, 3, 4]);
    });

    it("may be of UDP", () => {
        // 20040, one to a server's port 53 from 20050, 20056.
        assert.deepEqual(slotsIn(udp), [5, 7]);
    });

    it("may be ranges, as Docker writes neighbours", () => {
        assert.deepEqual(slotsIn("0.0.0.0:20006-20017->80-91/tcp, :::20006-20017->80-91/tcp\n"), [0, 1, 2]);
        assert.deepEqual(slotsIn("0.0.0.0:19990-20000->1-11/udp, 9000-9001/tcp"), [0]);
    });

    it("are none where nothing is said", () => assert.deepEqual(slotsIn(""), []));
});
