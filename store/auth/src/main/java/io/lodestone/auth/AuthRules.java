package io.lodestone.auth;

/** In what etcd's releases differ when they apply the same entry. */
public enum AuthRules {
  /**
   * Permissions within nested transactions, and of the leases that a transaction's puts use, are
   * not checked; any range can be granted; the log carries passwords, empty ones too.
   */
  ETCD_3_4,
  /** As 3.5.30 does. */
  ETCD_3_5;

  boolean checksNestedTransactions() {
    return this != ETCD_3_4;
  }

  boolean checksLeasesInTransactions() {
    return this != ETCD_3_4;
  }

  boolean checksGrantedRanges() {
    return this != ETCD_3_4;
  }

  /** Since 3.5 no password and no hash of one means an empty hash, which no password matches. */
  boolean hashesEmptyPasswords() {
    return this == ETCD_3_4;
  }
}
