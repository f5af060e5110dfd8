package io.lodestone.auth.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthStatusRequest;
import io.lodestone.api.etcdserverpb.AuthenticateRequest;
import io.lodestone.auth.Identity;
import io.lodestone.auth.Tokens;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stock etcd and we know each other's signed tokens. */
class SharedTokensTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "PS512"})
  void whoHasTheKeyKnowsTheTokens(String method) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    Path secret = folder.resolve("secret.pem");
    Files.writeString(
        secret,
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder()
                .encodeToString(generator.generateKeyPair().getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
    String spec = "jwt,sign-method=" + method + ",priv-key=" + secret;
    try (EtcdCluster etcd =
            EtcdCluster.of(EtcdRelease.of("3.5"), folder).flags("--auth-token=" + spec).start();
        Tokens ours =
            TokenSpec.parse(spec).open(Duration.ZERO, new SecureRandom(), Clock.systemUTC())) {
      String theirs = login(etcd);
      assertThat(ours.identify(theirs, 0)).contains(new Identity("root", 3));
      assertThat(status(etcd, ours.sign("", "root", 3))).isEqualTo(3);
    }
  }

  private static String login(EtcdCluster etcd) throws Exception {
    etcd.etcdctl("user", "add", "root:top");
    etcd.etcdctl("user", "grant-role", "root", "root");
    etcd.etcdctl("auth", "enable");
    return AuthGrpc.newBlockingStub(etcd.channel(0))
        .authenticate(AuthenticateRequest.newBuilder().setName("root").setPassword("top").build())
        .getToken();
  }

  private static long status(EtcdCluster etcd, String token) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER), token);
    Channel channel =
        ClientInterceptors.intercept(
            etcd.channel(0), MetadataUtils.newAttachHeadersInterceptor(headers));
    return AuthGrpc.newBlockingStub(channel)
        .authStatus(AuthStatusRequest.getDefaultInstance())
        .getAuthRevision();
  }
}
