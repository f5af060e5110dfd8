package io.lodestone.backup.config;

import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.objects.Credentials;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.ObjectStores;
import java.util.Optional;

/**
 * Where a repository is. Immutable; prints without secrets.
 *
 * @param address as {@link ObjectStores} reads it
 * @param credentials empty to take them from the environment
 * @param cipher what contents are encrypted with
 */
public record RepositoryPlace(
    String address, Optional<Credentials> credentials, ContentCipher cipher) {

  /** The caller's to close; does not talk to the store yet. */
  public ObjectStore open() {
    return credentials.isPresent()
        ? ObjectStores.open(address, credentials.get())
        : ObjectStores.open(address);
  }
}
