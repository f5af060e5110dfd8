package io.lodestone.raft;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How members prove to each other who they are, as etcd's {@code --peer-*} flags. All files are
 * PEM.
 *
 * @param certificates this member's certificate and what is between it and its authority
 * @param key its private key
 * @param trusted the authorities of the other members; the system's where it is empty
 * @param clientCertificates whether who connects to this member must show a certificate
 */
public record PeerTls(
    Path certificates, Path key, Optional<Path> trusted, boolean clientCertificates) {}
