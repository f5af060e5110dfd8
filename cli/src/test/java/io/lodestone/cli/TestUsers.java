package io.lodestone.cli;

import io.lodestone.peers.EtcdCluster;

/** Users of a cluster under test. */
final class TestUsers {
  private TestUsers() {}

  /**
   * Turns authentication on, with {@code root} and with {@code reader}, who may read every key; the
   * password of both is {@code secret}.
   */
  static void enable(EtcdCluster cluster) throws Exception {
    cluster.etcdctl("user", "add", "root:secret");
    cluster.etcdctl("user", "add", "reader:secret");
    cluster.etcdctl("role", "add", "reader");
    cluster.etcdctl("role", "grant-permission", "reader", "read", "", "--prefix");
    cluster.etcdctl("user", "grant-role", "reader", "reader");
    cluster.etcdctl("user", "grant-role", "root", "root");
    cluster.etcdctl("auth", "enable");
  }
}
