/**
 * What the client port says in HTTP/1.1: the JSON gateway to every gRPC method, health, version and
 * metrics.
 *
 * <p>{@link io.lodestone.server.http.HttpPort} reads requests and picks who answers; {@link
 * io.lodestone.server.http.Gateway} runs gRPC methods without a network between, through the same
 * interceptors as any call, so that whatever holds for gRPC holds for JSON. Everything runs on the
 * event loop of its connection, except that answers may come from any thread.
 */
package io.lodestone.server.http;
