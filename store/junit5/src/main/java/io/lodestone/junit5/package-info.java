/**
 * An etcd for tests, without Docker and without a network: {@link
 * io.lodestone.junit5.StoreExtension} is all there is.
 */
package io.lodestone.junit5;
