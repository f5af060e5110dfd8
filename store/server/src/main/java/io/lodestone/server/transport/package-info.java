/**
 * The client port: gRPC and HTTP/1.1 on one listener, plain or TLS, told apart by a connection's
 * first bytes. Start reading at {@link io.lodestone.server.transport.ClientListener}; {@link
 * io.lodestone.server.transport.OnePort} is the only class that touches gRPC's internals.
 *
 * <p>Calls and HTTP requests are served on the event loops; nothing here may block.
 */
package io.lodestone.server.transport;
