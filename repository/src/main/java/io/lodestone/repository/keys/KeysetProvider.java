package io.lodestone.repository.keys;

import java.io.IOException;

/**
 * Where keysets come from: a file, the environment, a key management service. Implementations for
 * other services are found as a {@link java.util.ServiceLoader} finds them. Thread-safe.
 */
public interface KeysetProvider {

  /** What addresses of this kind begin with, before the colon; letters, digits and {@code -}. */
  String scheme();

  /**
   * The keyset in Tink's JSON, decrypted. A {@link io.lodestone.api.LodestoneException} with a hint
   * where there is none, or access is refused.
   *
   * @param reference what follows the scheme and the colon
   */
  String read(String reference) throws IOException;
}
