/**
 * The store beside stock etcd: the same load on both, in turns, on the same disk. Start reading at
 * {@link io.lodestone.bench.store.StoreBench}. The load generator sends prepared bytes and parses
 * no answers it does not need, so that the server is what is measured.
 */
package io.lodestone.bench.store;
