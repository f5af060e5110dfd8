package io.lodestone.etcdfile.replay;

import io.lodestone.auth.AuthRules;

/**
 * In what etcd's releases differ when they apply the same entry. Immutable.
 *
 * @param checksNestedTransactions whether a used-up quota and permissions also stop what stands
 *     within a nested transaction. 3.4 lets it pass; newer releases check it.
 */
record ApplyRules(boolean checksNestedTransactions) {

  /** The rules of a cluster of {@code clusterVersion}, for example {@code 3.5.0}. */
  static ApplyRules of(String clusterVersion) {
    return new ApplyRules(!clusterVersion.matches("3\\.[0-4]\\..*"));
  }

  /** The same difference where permissions are checked. */
  AuthRules auth() {
    return checksNestedTransactions ? AuthRules.ETCD_3_5 : AuthRules.ETCD_3_4;
  }
}
