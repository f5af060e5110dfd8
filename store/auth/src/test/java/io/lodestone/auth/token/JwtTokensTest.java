package io.lodestone.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.auth.Identity;
import io.lodestone.auth.Tokens;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.RSAKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JwtTokensTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir Path folder;

  private Tokens open(String options, Instant at) {
    return TokenSpec.parse("jwt," + options)
        .open(Duration.ZERO, new SecureRandom(), Clock.fixed(at, ZoneOffset.UTC));
  }

  private static KeyPair keys(SignMethod method) throws Exception {
    KeyPairGenerator generator =
        switch (method) {
          case HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512 -> {
            KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
            rsa.initialize(2048);
            yield rsa;
          }
          case ES256 -> ec("secp256r1");
          case ES384 -> ec("secp384r1");
          case ES512 -> ec("secp521r1");
          case EdDSA -> KeyPairGenerator.getInstance("Ed25519");
        };
    return generator.generateKeyPair();
  }

  private static KeyPairGenerator ec(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator;
  }

  /** Traditional is PKCS 1; otherwise private keys are in PKCS 8. */
  private String write(String name, Object key, boolean traditional) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
      pem.writeObject(
          traditional || key instanceof java.security.PublicKey
              ? key
              : new JcaPKCS8Generator((java.security.PrivateKey) key, null));
    }
    Path file = folder.resolve(name);
    Files.writeString(file, text.toString());
    return file.toString();
  }

  @ParameterizedTest
  @EnumSource
  void whatOneMemberSignsAnotherVerifies(SignMethod method) throws Exception {
    KeyPair keys = keys(method);
    String secret = write("secret", keys.getPrivate(), keys.getPrivate() instanceof RSAKey);
    Tokens signer = open("sign-method=" + method + ",priv-key=" + secret, NOW);
    String token = signer.sign("", "ann", 12);
    assertThat(signer.identify(token, 99)).contains(new Identity("ann", 12));

    boolean symmetric = method.name().startsWith("HS");
    String options =
        symmetric ? ",priv-key=" + secret : ",pub-key=" + write("open", keys.getPublic(), false);
    Tokens verifier = open("sign-method=" + method + options, NOW.plusSeconds(299));
    assertThat(verifier.identify(token, 99)).contains(new Identity("ann", 12));
    assertThat(verifier.identify(token.replaceAll("\\.[^.]*$", ".AAAA"), 99)).isEmpty();
    assertThat(verifier.identify("nonsense", 99)).isEmpty();
    if (!symmetric) {
      assertThatThrownBy(() -> verifier.sign("", "ann", 12))
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.TOKEN_VERIFY_ONLY));
    }
    assertThat(open("sign-method=" + method + options, NOW.plusSeconds(301)).identify(token, 1))
        .isEmpty();
  }

  /** As {@code openssl ecparam -name prime256v1 -genkey} of OpenSSL 3.0 writes it. */
  @Test
  void anEcKeyBehindItsParametersIsFound() throws Exception {
    Path file = folder.resolve("ec");
    Files.writeString(
        file,
        """
        -----BEGIN EC PARAMETERS-----
        BggqhkjOPQMBBw==
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIL1pgTRPw2m3jdtusztC+3oUH5xdBk/gZsoEUVAwmyvyoAoGCCqGSM49
        AwEHoUQDQgAEgnkkSTnPfyO/+q2vRPxFWzsFncbN+TyJDbPJ1q5qp+H03Mxqn8Ps
        jpRDXZDa/hs1RXpSaUtwLf+KoSBmvBxTRw==
        -----END EC PRIVATE KEY-----
        """);
    Tokens tokens = open("sign-method=ES256,priv-key=" + file, NOW);
    assertThat(tokens.identify(tokens.sign("", "ann", 3), 9)).contains(new Identity("ann", 3));
  }

  @Test
  void aTokenOfAnotherMethodIsForged() throws Exception {
    String secret = write("secret", keys(SignMethod.RS256).getPrivate(), false);
    String token = open("sign-method=RS256,priv-key=" + secret, NOW).sign("", "ann", 1);
    assertThat(open("sign-method=PS256,priv-key=" + secret, NOW).identify(token, 1)).isEmpty();
    assertThat(open("sign-method=HS256,priv-key=" + secret, NOW).identify(token, 1)).isEmpty();
  }

  @Test
  void whatEtcdRefusesIsRefusedInItsWords() throws Exception {
    refused("sign-method=RS256", "auth: missing key data");
    refused("sign-method=HS256", "auth: missing key data");
    refused("sign-method=none", "auth: invalid auth options");
    refused("ttl=5m", "auth: invalid auth options");
    refused("sign-method=HS256,ttl=5", "auth: invalid auth options");
    refused("sign-method=HS256,sign-method=HS256", "auth: invalid auth options");
    refused("sign-method", "auth: invalid auth options");
    String one = write("one", keys(SignMethod.RS256).getPrivate(), false);
    String other = write("other", keys(SignMethod.RS256).getPublic(), false);
    refused(
        "sign-method=RS256,priv-key=" + one + ",pub-key=" + other,
        "auth: public and private keys don't match");
    refused("sign-method=ES256,priv-key=" + one, "the sign-method needs an EC key");
    refused("sign-method=RS256,priv-key=" + other, "no private key");
    assertThatThrownBy(
            () ->
                TokenSpec.parse("basic").open(Duration.ZERO, new SecureRandom(), Clock.systemUTC()))
        .hasMessage("auth: invalid auth options");
  }

  private void refused(String options, String message) {
    assertThatThrownBy(() -> open(options, NOW))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining(message);
  }

  @Test
  void durationsAreReadAsGoReadsThem() {
    assertThat(GoDuration.parse("1h2m3.5s")).contains(Duration.ofMillis(3_723_500));
    assertThat(GoDuration.parse("-.5ms")).contains(Duration.ofNanos(-500_000));
    assertThat(GoDuration.parse("0")).contains(Duration.ZERO);
    assertThat(GoDuration.parse("5")).isEmpty();
    assertThat(GoDuration.parse("5 s")).isEmpty();
    assertThat(GoDuration.parse("")).isEmpty();
    assertThat(GoDuration.parse("9999999h")).isEmpty();
  }
}
