/**
 * From etcd's v2 API, which 3.4 still serves with {@code --enable-v2}, into v3: {@link
 * io.lodestone.migrate.v2.V2Migration} does it, {@code V2Reader} reads the tree. Revisions of v2
 * mean nothing in v3 and are left behind. Confined to the caller's thread.
 */
package io.lodestone.migrate.v2;
