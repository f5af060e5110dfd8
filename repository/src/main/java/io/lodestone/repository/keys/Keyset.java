package io.lodestone.repository.keys;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.streamingaead.PredefinedStreamingAeadParameters;
import com.google.crypto.tink.streamingaead.StreamingAeadConfig;
import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.format.Damage;
import io.lodestone.repository.format.Encryption;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The keys of a repository: a keyset of Tink, whose primary key encrypts what is new, and whose
 * other keys still decrypt what they once encrypted. Immutable.
 */
public final class Keyset implements ContentCipher {
  private static final String HINT =
      "make one with 'lodestone backup keygen', and give it as it is: JSON in Tink's own format,"
          + " with streaming AEAD keys";

  private final KeysetHandle handle;
  private final StreamingAead aead;

  private Keyset(KeysetHandle handle) throws GeneralSecurityException {
    this.handle = handle;
    this.aead = handle.getPrimitive(RegistryConfiguration.get(), StreamingAead.class);
  }

  /** A keyset with one new key, AES256_GCM_HKDF_1MB. */
  public static Keyset generate() {
    return withNewKey(KeysetHandle.newBuilder());
  }

  /** The same keys, and a new one that encrypts from now on. */
  public Keyset rotated() {
    return withNewKey(KeysetHandle.newBuilder(handle));
  }

  private static Keyset withNewKey(KeysetHandle.Builder keys) {
    try {
      StreamingAeadConfig.register();
      var entry =
          KeysetHandle.generateEntryFromParameters(
              PredefinedStreamingAeadParameters.AES256_GCM_HKDF_1MB);
      return new Keyset(keys.addEntry(entry.withRandomId().makePrimary()).build());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform cannot make an AES key", e);
    }
  }

  /**
   * Reads a keyset in Tink's JSON.
   *
   * @param origin where it came from, for messages
   */
  public static Keyset parse(String json, String origin) {
    try {
      StreamingAeadConfig.register();
      return new Keyset(TinkJsonProtoKeysetFormat.parseKeyset(json, InsecureSecretKeyAccess.get()));
    } catch (GeneralSecurityException e) {
      throw new LodestoneException(
          "what " + origin + " holds is not a keyset that encrypts contents", HINT, e);
    }
  }

  /** In Tink's JSON, with the keys in the clear: guard it. */
  public String toJson() {
    try {
      return TinkJsonProtoKeysetFormat.serializeKeyset(handle, InsecureSecretKeyAccess.get());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a keyset that was read cannot be written", e);
    }
  }

  /** The ids of all keys that can decrypt, in the order of the keyset. */
  public List<Long> keyIds() {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < handle.size(); i++) {
      if (handle.getAt(i).getStatus().equals(KeyStatus.ENABLED)) {
        ids.add(Integer.toUnsignedLong(handle.getAt(i).getId()));
      }
    }
    return ids;
  }

  @Override
  public Optional<Encryption> newest() {
    return Optional.of(new Encryption(Integer.toUnsignedLong(handle.getPrimary().getId())));
  }

  @Override
  public ByteString seal(ByteString content, ByteString head) {
    ByteString.Output sealed = ByteString.newOutput(content.size() + 4096);
    try (OutputStream out = aead.newEncryptingStream(sealed, head.toByteArray())) {
      content.writeTo(out);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot encrypt in memory", e);
    }
    return sealed.toByteString();
  }

  @Override
  public byte[] open(String object, Encryption encryption, ByteString sealed, ByteString head) {
    if (!keyIds().contains(encryption.keyId())) {
      throw new LodestoneException(
          "object "
              + object
              + " is encrypted with key "
              + encryption.keyId()
              + ", and the keyset has "
              + keyIds(),
          "give the keyset that has this key: keys that have encrypted something must stay in it");
    }
    try (var plain = aead.newDecryptingStream(sealed.newInput(), head.toByteArray())) {
      return plain.readAllBytes();
    } catch (GeneralSecurityException | IOException e) {
      throw Damage.corrupt(
          object,
          head.size(),
          "it cannot be decrypted: it was changed, or key "
              + encryption.keyId()
              + " of the keyset is another one of the same number",
          e);
    }
  }
}
