/**
 * TLS of the client port, from PEM files. {@link io.lodestone.server.tls.ServerTls} makes a
 * listener's context of what the flags say. Everything runs before the server starts, except for
 * {@link io.lodestone.server.tls.ClientTrust}, which judges certificates on the event loops.
 */
package io.lodestone.server.tls;
