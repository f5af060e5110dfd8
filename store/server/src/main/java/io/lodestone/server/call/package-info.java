/**
 * What every service of the server needs to answer one call: who calls ({@link
 * io.lodestone.server.call.Caller}), the response header ({@link
 * io.lodestone.server.call.ResponseHeaders}), and the one place where failures become gRPC statuses
 * ({@link io.lodestone.server.call.CallStatus}). Start reading at {@link
 * io.lodestone.server.call.Answers}.
 *
 * <p>Everything here is thread-safe and never blocks: calls arrive on the event loops of the
 * transport.
 */
package io.lodestone.server.call;
