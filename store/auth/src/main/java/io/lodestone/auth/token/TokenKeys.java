package io.lodestone.auth.token;

import io.lodestone.api.LodestoneException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.util.Optional;

/**
 * The keys that {@code pub-key} and {@code priv-key} name. With a public key alone tokens can only
 * be verified. Immutable.
 */
record TokenKeys(Optional<KeyFile> publicFile, Optional<KeyFile> privateFile) {
  private static final String MISSING = "auth: missing key data";

  /** With HMAC there is one key: all bytes of {@code priv-key}, as many as there are. */
  byte[] secret() {
    byte[] secret = privateFile.map(KeyFile::bytes).orElse(new byte[0]);
    if (secret.length == 0) {
      throw new LodestoneException(MISSING, "name a file with the secret as priv-key");
    }
    return secret;
  }

  boolean canSign() {
    return privateFile.isPresent();
  }

  KeyPair rsa() {
    KeyPair keys = pair();
    if (!(keys.getPublic() instanceof RSAKey)) {
      throw misfit(keys, "an RSA key");
    }
    return keys;
  }

  /** {@code fieldBits} of the curve: 256, 384 or 521. */
  KeyPair ec(int fieldBits) {
    KeyPair keys = pair();
    if (!(keys.getPublic() instanceof ECKey key)
        || key.getParams().getCurve().getField().getFieldSize() != fieldBits) {
      throw misfit(keys, "an EC key on the curve P-" + fieldBits);
    }
    return keys;
  }

  KeyPair ed25519() {
    KeyPair keys = pair();
    if (!keys.getPublic().getAlgorithm().startsWith("Ed")) {
      throw misfit(keys, "an Ed25519 key");
    }
    return keys;
  }

  /** The public half is always there, the private one where it was given. */
  private KeyPair pair() {
    if (privateFile.isEmpty()) {
      return new KeyPair(publicFile.orElseThrow(TokenKeys::missing).publicKey(), null);
    }
    PrivateKey secret = privateFile.get().privateKey();
    PublicKey open = PublicHalf.of(secret);
    if (publicFile.isPresent() && !publicFile.get().publicKey().equals(open)) {
      throw new LodestoneException(
          "auth: public and private keys don't match", "give the two halves of one key");
    }
    return new KeyPair(open, secret);
  }

  private static LodestoneException missing() {
    return new LodestoneException(MISSING, "name a PEM file as pub-key, priv-key or both");
  }

  private static LodestoneException misfit(KeyPair keys, String needed) {
    return new LodestoneException(
        "the sign-method needs " + needed + ", the token key is " + keys.getPublic().getAlgorithm(),
        "ES256 goes with P-256, ES384 with P-384, ES512 with P-521, RS and PS with RSA");
  }
}
