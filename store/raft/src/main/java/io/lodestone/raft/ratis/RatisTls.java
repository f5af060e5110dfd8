package io.lodestone.raft.ratis;

import io.lodestone.raft.PeerTls;
import javax.net.ssl.SSLException;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.security.TlsConf;
import org.apache.ratis.thirdparty.io.grpc.netty.GrpcSslContexts;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslContext;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslContextBuilder;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslProvider;

/** TLS between members, by the JDK's own. */
final class RatisTls {
  private RatisTls() {}

  /** For Ratis, as a server and as a client. */
  static GrpcTlsConfig ratis(PeerTls tls) {
    TlsConf.Builder builder =
        GrpcTlsConfig.newBuilder()
            .setKeyManager(tls.keys())
            .setTrustManager(tls.trust())
            .setMutualTls(tls.clientCertificates())
            .setSslProvider(SslProvider.JDK);
    return (GrpcTlsConfig) builder.build();
  }

  /** For our own calls. Shows the certificate to whoever asks for it. */
  static SslContext client(PeerTls tls) {
    try {
      return GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
          .keyManager(tls.keys())
          .trustManager(tls.trust())
          .build();
    } catch (SSLException e) {
      throw new IllegalArgumentException("cannot use the TLS of members", e);
    }
  }
}
