/**
 * A gateway below gRPC: bytes of clients to one of several members and back, TLS and all, with
 * fail-over for new connections. Start at {@link io.lodestone.server.gateway.TcpGateway}.
 */
package io.lodestone.server.gateway;
