package io.lodestone.auth.token;

import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.exceptions.SignatureGenerationException;
import com.auth0.jwt.exceptions.SignatureVerificationException;
import com.auth0.jwt.interfaces.DecodedJWT;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.Optional;

/** The signatures of the JDK that the JWT library does not know itself. Immutable. */
final class JcaAlgorithm extends Algorithm {
  private static final int PSS_TRAILER = 1;

  private final String jcaName;
  private final Optional<AlgorithmParameterSpec> parameters;
  private final KeyPair keys;

  private JcaAlgorithm(
      String name, String jcaName, Optional<AlgorithmParameterSpec> parameters, KeyPair keys) {
    super(name, jcaName);
    this.jcaName = jcaName;
    this.parameters = parameters;
    this.keys = keys;
  }

  /** {@code bits} of SHA-2: 256, 384 or 512; the salt is as long as the hash. */
  static Algorithm pss(int bits, KeyPair keys) {
    String hash = "SHA-" + bits;
    PSSParameterSpec parameters =
        new PSSParameterSpec(
            hash, "MGF1", new MGF1ParameterSpec(hash), bits / Byte.SIZE, PSS_TRAILER);
    return new JcaAlgorithm("PS" + bits, "RSASSA-PSS", Optional.of(parameters), keys);
  }

  static Algorithm ed25519(KeyPair keys) {
    return new JcaAlgorithm("EdDSA", "Ed25519", Optional.empty(), keys);
  }

  @Override
  public void verify(DecodedJWT jwt) {
    try {
      Signature signature = signature();
      signature.initVerify(keys.getPublic());
      signature.update(
          (jwt.getHeader() + "." + jwt.getPayload()).getBytes(StandardCharsets.US_ASCII));
      if (!signature.verify(Base64.getUrlDecoder().decode(jwt.getSignature()))) {
        throw new SignatureVerificationException(this);
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new SignatureVerificationException(this, e);
    }
  }

  @Override
  public byte[] sign(byte[] content) {
    try {
      Signature signature = signature();
      signature.initSign(keys.getPrivate());
      signature.update(content);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new SignatureGenerationException(this, e);
    }
  }

  private Signature signature() throws GeneralSecurityException {
    Signature signature = Signature.getInstance(jcaName);
    if (parameters.isPresent()) {
      signature.setParameter(parameters.get());
    }
    return signature;
  }
}
