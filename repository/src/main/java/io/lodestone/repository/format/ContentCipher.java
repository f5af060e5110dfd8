package io.lodestone.repository.format;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import java.util.Optional;

/**
 * Encrypts and decrypts the contents of objects. What is authenticated along with a content is the
 * object's head: magic, version, length and header, so that a content fits no other. Thread-safe.
 */
public interface ContentCipher {

  /** Encrypts nothing, and can read nothing that is encrypted. */
  ContentCipher NONE =
      new ContentCipher() {
        @Override
        public Optional<Encryption> newest() {
          return Optional.empty();
        }

        @Override
        public ByteString seal(ByteString content, ByteString head) {
          return content;
        }

        @Override
        public byte[] open(
            String object, Encryption encryption, ByteString sealed, ByteString head) {
          throw new LodestoneException(
              "object " + object + " is encrypted with key " + encryption.keyId(),
              "give the keyset that has this key, with --keyset or LODESTONE_KEYSET");
        }
      };

  /** What the headers of new objects say; empty where they are not encrypted. */
  Optional<Encryption> newest();

  /** Encrypts with the newest key. */
  ByteString seal(ByteString content, ByteString head);

  /**
   * Decrypts. A LodestoneException with a hint where the key is not at hand, a CorruptDataException
   * where content or head are not what was sealed.
   */
  byte[] open(String object, Encryption encryption, ByteString sealed, ByteString head);
}
