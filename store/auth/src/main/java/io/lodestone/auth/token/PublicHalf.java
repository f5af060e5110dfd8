package io.lodestone.auth.token;

import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.security.PrivateKey;
import java.security.PublicKey;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** The public key that belongs to a private one. */
final class PublicHalf {
  private PublicHalf() {}

  static PublicKey of(PrivateKey key) {
    try {
      AsymmetricKeyParameter secret =
          PrivateKeyFactory.createKey(PrivateKeyInfo.getInstance(key.getEncoded()));
      return new JcaPEMKeyConverter()
          .getPublicKey(SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(open(secret)));
    } catch (IOException e) {
      throw unusable(key.getAlgorithm(), e);
    }
  }

  private static AsymmetricKeyParameter open(AsymmetricKeyParameter secret) {
    if (secret instanceof RSAPrivateCrtKeyParameters rsa) {
      return new RSAKeyParameters(false, rsa.getModulus(), rsa.getPublicExponent());
    }
    if (secret instanceof ECPrivateKeyParameters ec) {
      ECDomainParameters domain = ec.getParameters();
      return new ECPublicKeyParameters(domain.getG().multiply(ec.getD()).normalize(), domain);
    }
    if (secret instanceof Ed25519PrivateKeyParameters edwards) {
      return edwards.generatePublicKey();
    }
    throw unusable(secret.getClass().getSimpleName(), null);
  }

  private static LodestoneException unusable(String kind, IOException cause) {
    return new LodestoneException(
        "tokens cannot be signed with a key of kind " + kind,
        "give an RSA, EC or Ed25519 key",
        cause);
  }
}
