package io.lodestone.raft;

import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * How members prove to each other who they are. Both managers are asked anew for every connection,
 * so that files may be replaced under way.
 *
 * @param keys what this member shows, as a server and as a client
 * @param trust whom this member believes; also decides whether host names are compared
 * @param clientCertificates whether members that connect must show a certificate as well
 */
public record PeerTls(
    X509ExtendedKeyManager keys, X509ExtendedTrustManager trust, boolean clientCertificates) {}
