/**
 * Objects by name: the one seam between the backup format and the places it is kept in.
 *
 * <p>Start at {@link ObjectStore}, which says what every store must promise; {@link ObjectStores}
 * opens one from a URI. Cloud SDKs are used here and nowhere else. Stores are thread-safe.
 */
package io.lodestone.repository.objects;
