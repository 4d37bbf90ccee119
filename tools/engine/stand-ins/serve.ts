import * as grpc from "@grpc/grpc-js";

/** The options of every gRPC channel and server here: the engine's messages can be large. */
export const unlimited: grpc.ChannelOptions = {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
};

/** A gRPC error that the engine shows as it is. */
export const failure = (message: string, code = grpc.status.UNKNOWN): Partial<grpc.ServiceError> => ({
    code,
    details: message,
    message,
});

/** Turns an async function into a gRPC handler: what it throws becomes the call's error. */
export function handler<Request, Response>(
    work: (request: Request) => Promise<Response> | Response,
): grpc.handleUnaryCall<Request, Response> {
    return async (call, callback) => {
        try {
            callback(null, await work(call.request));
        } catch (error) {
            callback(failure(error instanceof Error ? error.message : String(error)));
        }
    };
}

/** Serves on a free port of the loopback and tells the engine which, as every Pulumi plugin does. */
export function serve(definition: grpc.ServiceDefinition, implementation: grpc.UntypedServiceImplementation): void {
    const server = new grpc.Server(unlimited);
    server.addService(definition, implementation);
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
        if (error) {
            console.error(error.message);
            process.exit(1);
        }
        process.stdout.write(`${port}\n`);
    });
    exitWithParent();
}

/** An engine that is killed cannot end its plugins: they notice that they have another parent. */
function exitWithParent(): void {
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && process.exit(1), 1000).unref();
}
