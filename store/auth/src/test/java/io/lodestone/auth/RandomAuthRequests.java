package io.lodestone.auth;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.authpb.Permission;
import io.lodestone.api.authpb.UserAddOptions;
import io.lodestone.api.etcdserverpb.AuthRoleAddRequest;
import io.lodestone.api.etcdserverpb.AuthRoleDeleteRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGetRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.lodestone.api.etcdserverpb.AuthRoleListRequest;
import io.lodestone.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import io.lodestone.api.etcdserverpb.AuthStatusRequest;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserChangePasswordRequest;
import io.lodestone.api.etcdserverpb.AuthUserDeleteRequest;
import io.lodestone.api.etcdserverpb.AuthUserGetRequest;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.lodestone.api.etcdserverpb.AuthUserListRequest;
import io.lodestone.api.etcdserverpb.AuthUserRevokeRoleRequest;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.Random;

/** Requests over few names and keys, so that they meet. */
final class RandomAuthRequests {
  static final String[] USERS = {"root", "ann", "bob", "cid", "dot"};
  static final String[] ROLES = {"root", "one", "two", "three"};
  static final String[] KEYS = {"a", "b", "b\0", "c", "d", "e"};
  static final String[] ENDS = {"", "", "\0", "b", "c", "d", "f", "a"};
  static final String[] PASSWORDS = {"", "right", "wrong"};
  static final long[] LEASES = {0, 0, 7, 8};

  private final Random random;

  RandomAuthRequests(long seed) {
    random = new Random(seed);
  }

  String user() {
    return pick(USERS);
  }

  String password() {
    return pick(PASSWORDS);
  }

  boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private String pick(String[] from) {
    return from[random.nextInt(from.length)];
  }

  private ByteString key() {
    return ByteString.copyFromUtf8(pick(KEYS));
  }

  private ByteString end() {
    return ByteString.copyFromUtf8(pick(ENDS));
  }

  /**
   * Above {@code start}: what etcd answers of a range that ends before it starts, which holds no
   * key anyway, depends on the shape of its tree.
   */
  private ByteString endFor(ByteString start) {
    ByteString end = end();
    return isEmpty(new KeyRange(start, end)) ? ByteString.EMPTY : end;
  }

  static boolean isEmpty(KeyRange range) {
    return !range.isSingle()
        && !range.isFromKey()
        && ByteString.unsignedLexicographicalComparator().compare(range.end(), range.start()) <= 0;
  }

  private String user(int emptyOneIn) {
    return oneIn(emptyOneIn) ? "" : user();
  }

  private String role() {
    return oneIn(20) ? "" : pick(ROLES);
  }

  /** A request about auth. */
  InternalRaftRequest auth() {
    InternalRaftRequest.Builder request = InternalRaftRequest.newBuilder();
    switch (random.nextInt(20)) {
      case 0 -> request.setAuthStatus(AuthStatusRequest.getDefaultInstance());
      case 1, 2 -> request.setAuthUserAdd(userAdd());
      case 3 -> request.setAuthUserDelete(AuthUserDeleteRequest.newBuilder().setName(user(9)));
      case 4 -> request.setAuthUserGet(AuthUserGetRequest.newBuilder().setName(user(9)));
      case 5 -> request.setAuthUserList(AuthUserListRequest.getDefaultInstance());
      case 6 -> request.setAuthUserChangePassword(changePassword());
      case 7, 8, 9 ->
          request.setAuthUserGrantRole(
              AuthUserGrantRoleRequest.newBuilder().setUser(user(9)).setRole(role()));
      case 10 ->
          request.setAuthUserRevokeRole(
              AuthUserRevokeRoleRequest.newBuilder().setName(user(9)).setRole(role()));
      case 11, 12 -> request.setAuthRoleAdd(AuthRoleAddRequest.newBuilder().setName(role()));
      case 13 ->
          request.setAuthRoleDelete(
              AuthRoleDeleteRequest.newBuilder().setRole(oneIn(3) ? role() : "three"));
      case 14 -> request.setAuthRoleGet(AuthRoleGetRequest.newBuilder().setRole(role()));
      case 15 -> request.setAuthRoleList(AuthRoleListRequest.getDefaultInstance());
      case 16, 17, 18 -> request.setAuthRoleGrantPermission(grant());
      default ->
          request.setAuthRoleRevokePermission(
              AuthRoleRevokePermissionRequest.newBuilder()
                  .setRole(role())
                  .setKey(key())
                  .setRangeEnd(end()));
    }
    return request.build();
  }

  private AuthUserAddRequest.Builder userAdd() {
    AuthUserAddRequest.Builder add =
        AuthUserAddRequest.newBuilder().setName(user(20)).setPassword("right");
    if (oneIn(4)) {
      add.setOptions(UserAddOptions.newBuilder().setNoPassword(oneIn(2)));
    }
    return oneIn(30) ? add.setPassword("p".repeat(73)) : add;
  }

  private AuthUserChangePasswordRequest.Builder changePassword() {
    AuthUserChangePasswordRequest.Builder change =
        AuthUserChangePasswordRequest.newBuilder().setName(user(9)).setPassword("right");
    return switch (random.nextInt(8)) {
      case 0 -> change.setPassword("").setHashedPassword("not base64");
      case 1 -> change.setPassword("").setHashedPassword("YQ");
      case 2 -> change.setPassword("");
      case 3 -> change.setPassword("p".repeat(73));
      default -> change;
    };
  }

  private AuthRoleGrantPermissionRequest.Builder grant() {
    AuthRoleGrantPermissionRequest.Builder grant =
        AuthRoleGrantPermissionRequest.newBuilder().setName(role());
    return oneIn(20)
        ? grant
        : grant.setPerm(
            Permission.newBuilder()
                .setPermTypeValue(random.nextInt(3))
                .setKey(oneIn(20) ? ByteString.EMPTY : key())
                .setRangeEnd(end()));
  }

  /** A request for the keyspace. */
  InternalRaftRequest keyspace() {
    InternalRaftRequest.Builder request = InternalRaftRequest.newBuilder();
    switch (random.nextInt(6)) {
      case 0 -> request.setRange(range());
      case 1, 2 -> request.setPut(put(key()));
      case 3 -> request.setDeleteRange(delete());
      default -> request.setTxn(txn(2));
    }
    return request.build();
  }

  private RangeRequest.Builder range() {
    ByteString key = key();
    return RangeRequest.newBuilder().setKey(key).setRangeEnd(endFor(key));
  }

  private PutRequest.Builder put(ByteString key) {
    return PutRequest.newBuilder()
        .setKey(key)
        .setLease(LEASES[random.nextInt(LEASES.length)])
        .setPrevKv(oneIn(3));
  }

  private DeleteRangeRequest.Builder delete() {
    ByteString key = key();
    return DeleteRangeRequest.newBuilder().setKey(key).setRangeEnd(endFor(key)).setPrevKv(oneIn(3));
  }

  /** With compares that hold, and at most one write, so that no key is written twice. */
  private TxnRequest.Builder txn(int depth) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    if (oneIn(2)) {
      ByteString key = key();
      txn.addCompare(
          Compare.newBuilder()
              .setKey(key)
              .setRangeEnd(endFor(key))
              .setTarget(Compare.CompareTarget.VERSION)
              .setResult(Compare.CompareResult.GREATER)
              .setVersion(-1));
    }
    if (oneIn(2)) {
      txn.addSuccess(RequestOp.newBuilder().setRequestRange(range()));
    }
    if (oneIn(2)) {
      txn.addFailure(RequestOp.newBuilder().setRequestPut(put(key())));
    }
    return txn.addSuccess(write(depth));
  }

  private RequestOp.Builder write(int depth) {
    if (depth > 0 && oneIn(2)) {
      return RequestOp.newBuilder().setRequestTxn(txn(depth - 1));
    }
    return oneIn(2)
        ? RequestOp.newBuilder().setRequestPut(put(key()))
        : RequestOp.newBuilder().setRequestDeleteRange(delete());
  }
}
