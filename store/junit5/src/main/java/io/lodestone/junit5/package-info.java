/**
 * An etcd for tests, without Docker and without a network: {@link
 * io.lodestone.junit5.StoreExtension} for one store, {@link io.lodestone.junit5.ClusterExtension}
 * for a cluster whose members can be stopped.
 */
package io.lodestone.junit5;
