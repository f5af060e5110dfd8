/**
 * Real peers on this machine, as child processes on loopback: stock etcd clusters, S3 servers, and
 * a random workload against them. Tests, benchmarks and the demo stand on these; nothing that runs
 * in production does.
 *
 * <p>Every process is held by its handle and ended by it; directories belong to the caller. Start
 * at {@link EtcdCluster}.
 */
package io.lodestone.peers;
