package io.lodestone.client;

import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.LodestoneException;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** Makes gRPC channels to members. They connect on first use. */
final class Channels {
  /** Above etcd's {@code --grpc-keepalive-min-time} of 5 s, below which a server hangs up. */
  private static final long KEEPALIVE_SECONDS = 10;

  private static final int MAX_ANSWER_BYTES = 64 << 20;

  private Channels() {}

  /** Reads the TLS files; fails if they are unusable. */
  static MemberChannel open(Endpoint endpoint, ClientOptions options) {
    if (!endpoint.tls()) {
      return new MemberChannel(() -> builder(endpoint, options).usePlaintext().build());
    }
    SslContext tls = sslContext(options.tls());
    return new MemberChannel(
        () -> {
          NettyChannelBuilder builder = builder(endpoint, options).sslContext(tls);
          options.tls().serverName().ifPresent(builder::overrideAuthority);
          return builder.build();
        });
  }

  private static NettyChannelBuilder builder(Endpoint endpoint, ClientOptions options) {
    return NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
        .directExecutor()
        .withOption(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            Math.toIntExact(options.connectTimeout().toMillis()))
        .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .maxInboundMessageSize(MAX_ANSWER_BYTES);
  }

  private static SslContext sslContext(TlsOptions tls) {
    SslContextBuilder builder = GrpcSslContexts.forClient();
    if (tls.insecureSkipVerify()) {
      builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
    } else if (tls.caFile().isPresent()) {
      builder.trustManager(PemFiles.certificates(tls.caFile().get()));
    }
    if (tls.certificateFile().isPresent() && tls.keyFile().isPresent()) {
      builder.keyManager(
          PemFiles.privateKey(tls.keyFile().get()),
          PemFiles.certificates(tls.certificateFile().get()));
    }
    try {
      return builder.build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new LodestoneException(
          "TLS cannot be set up: " + e.getMessage(),
          "check that the certificate, its key and the CA belong together",
          e);
    }
  }
}
