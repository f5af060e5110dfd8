package io.lodestone.auth.token;

import com.auth0.jwt.algorithms.Algorithm;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BiFunction;

/** The values of {@code sign-method}. */
enum SignMethod {
  HS256,
  HS384,
  HS512,
  RS256,
  RS384,
  RS512,
  PS256,
  PS384,
  PS512,
  ES256,
  ES384,
  ES512,
  /** Not in etcd 3.5. */
  EdDSA;

  static Optional<SignMethod> of(String name) {
    return Arrays.stream(values()).filter(method -> method.name().equals(name)).findFirst();
  }

  Algorithm algorithm(TokenKeys keys) {
    return switch (this) {
      case HS256 -> Algorithm.HMAC256(keys.secret());
      case HS384 -> Algorithm.HMAC384(keys.secret());
      case HS512 -> Algorithm.HMAC512(keys.secret());
      case RS256 -> rsa(keys, Algorithm::RSA256);
      case RS384 -> rsa(keys, Algorithm::RSA384);
      case RS512 -> rsa(keys, Algorithm::RSA512);
      case PS256 -> JcaAlgorithm.pss(256, keys.rsa());
      case PS384 -> JcaAlgorithm.pss(384, keys.rsa());
      case PS512 -> JcaAlgorithm.pss(512, keys.rsa());
      case ES256 -> ec(keys, 256, Algorithm::ECDSA256);
      case ES384 -> ec(keys, 384, Algorithm::ECDSA384);
      case ES512 -> ec(keys, 521, Algorithm::ECDSA512);
      case EdDSA -> JcaAlgorithm.ed25519(keys.ed25519());
    };
  }

  private static Algorithm rsa(
      TokenKeys keys, BiFunction<RSAPublicKey, RSAPrivateKey, Algorithm> maker) {
    KeyPair pair = keys.rsa();
    return maker.apply((RSAPublicKey) pair.getPublic(), (RSAPrivateKey) pair.getPrivate());
  }

  private static Algorithm ec(
      TokenKeys keys, int fieldBits, BiFunction<ECPublicKey, ECPrivateKey, Algorithm> maker) {
    KeyPair pair = keys.ec(fieldBits);
    return maker.apply((ECPublicKey) pair.getPublic(), (ECPrivateKey) pair.getPrivate());
  }
}
