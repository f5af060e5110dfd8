package io.lodestone.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.KeyRange;
import io.lodestone.api.StoreException;
import io.lodestone.api.authpb.Permission;
import io.lodestone.api.authpb.User;
import io.lodestone.api.authpb.UserAddOptions;
import io.lodestone.api.etcdserverpb.AuthDisableRequest;
import io.lodestone.api.etcdserverpb.AuthEnableRequest;
import io.lodestone.api.etcdserverpb.AuthRoleAddRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestHeader;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.auth.AuthRows.Bucket;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class AuthStoreTest {
  private final MemoryRows rows = new MemoryRows();
  private final AuthStore store = new AuthStore(4);

  AuthStoreTest() {
    store.loaded(rows);
  }

  private void apply(InternalRaftRequest.Builder request) {
    store.apply(1, request.build(), rows);
  }

  private void addUser(String name, String role) {
    apply(
        InternalRaftRequest.newBuilder()
            .setAuthUserAdd(AuthUserAddRequest.newBuilder().setName(name)));
    apply(
        InternalRaftRequest.newBuilder()
            .setAuthUserGrantRole(
                AuthUserGrantRoleRequest.newBuilder().setUser(name).setRole(role)));
  }

  private void addRole(String name, String key, String end, Permission.Type type) {
    if (store.sideState().stream().noneMatch(state -> state.toString().contains(name))) {
      apply(
          InternalRaftRequest.newBuilder()
              .setAuthRoleAdd(AuthRoleAddRequest.newBuilder().setName(name)));
    }
    apply(
        InternalRaftRequest.newBuilder()
            .setAuthRoleGrantPermission(
                AuthRoleGrantPermissionRequest.newBuilder()
                    .setName(name)
                    .setPerm(
                        Permission.newBuilder()
                            .setKey(utf8(key))
                            .setRangeEnd(utf8(end))
                            .setPermType(type))));
  }

  private void enable() {
    addUser("root", "root");
    apply(InternalRaftRequest.newBuilder().setAuthEnable(AuthEnableRequest.getDefaultInstance()));
  }

  private Identity now(String user) {
    return new Identity(user, store.view().revision());
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static KeyRange range(String from, String to) {
    return new KeyRange(utf8(from), utf8(to));
  }

  private static void refused(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void aNewStoreBeginsAtRevisionOneAndSaysSo() {
    assertThat(store.view().revision()).isEqualTo(1);
    assertThat(rows.buckets.get(Bucket.AUTH))
        .containsEntry(
            Ledger.REVISION_KEY, ByteString.copyFrom(new byte[] {0, 0, 0, 0, 0, 0, 0, 1}));
  }

  @Test
  void rowsAreThoseOfEtcdToTheByte() {
    apply(
        InternalRaftRequest.newBuilder()
            .setAuthUserAdd(
                AuthUserAddRequest.newBuilder().setName("ann").setHashedPassword("aGFzaA==")));
    assertThat(rows.buckets.get(Bucket.USERS).get(utf8("ann")))
        .isEqualTo(utf8("\n\003ann\022\004hash\"\000"));
  }

  @Test
  void whatIsReopenedPermitsWhatWasPermitted() {
    addRole("one", "a", "c", Permission.Type.READ);
    addUser("ann", "one");
    enable();
    AuthView again = rows.reopened().view();
    assertThat(again.enabled()).isTrue();
    assertThat(again.revision()).isEqualTo(store.view().revision());
    again.checkRange(now("ann"), range("a", "c"));
    refused(() -> again.checkRange(now("ann"), range("a", "d")), ErrorCode.PERMISSION_DENIED);
  }

  @Test
  void rangesOfSeveralRolesTogetherPermitWhatNoneDoesAlone() {
    addRole("one", "a", "c", Permission.Type.READ);
    addRole("two", "c", "\0", Permission.Type.READWRITE);
    addUser("ann", "one");
    enable();
    refused(
        () -> store.view().checkRange(now("ann"), range("b", "\0")), ErrorCode.PERMISSION_DENIED);
    apply(
        InternalRaftRequest.newBuilder()
            .setAuthUserGrantRole(
                AuthUserGrantRoleRequest.newBuilder().setUser("ann").setRole("two")));
    store.view().checkRange(now("ann"), range("b", "\0"));
    store.view().checkPut(now("ann"), utf8("zebra"));
    refused(() -> store.view().checkPut(now("ann"), utf8("b")), ErrorCode.PERMISSION_DENIED);
  }

  @Test
  void aLoginBeforeTheLastChangeIsOldAndNoLoginIsNobody() {
    addRole("one", "a", "", Permission.Type.READ);
    addUser("ann", "one");
    enable();
    Identity before = now("ann");
    addUser("bob", "one");
    refused(() -> store.view().checkPut(before, utf8("a")), ErrorCode.OLD_AUTH_REVISION);
    refused(() -> store.view().checkPut(Identity.NOBODY, utf8("a")), ErrorCode.USER_EMPTY);
    refused(() -> store.view().checkAdmin(Identity.NOBODY), ErrorCode.USER_EMPTY);
    refused(() -> store.view().checkAdmin(now("nobody")), ErrorCode.USER_NOT_FOUND);
    refused(() -> store.view().checkLogin(Identity.NOBODY), ErrorCode.USER_EMPTY);
    store.view().checkAdmin(new Identity("root", 1));
  }

  @Test
  void whoUsesALeaseMustBeAllowedToWriteAllItsKeys() {
    addRole("one", "a", "", Permission.Type.READWRITE);
    addUser("ann", "one");
    enable();
    LeaseKeys leases = lease -> lease == 7 ? List.of(utf8("a"), utf8("b")) : List.of();
    InternalRaftRequest.Builder put = asAnn();
    put.getPutBuilder().setKey(utf8("a")).setLease(7);
    refused(() -> store.check(put.build(), leases), ErrorCode.PERMISSION_DENIED);
    put.getPutBuilder().setLease(8);
    store.check(put.build(), leases);
    refused(
        () ->
            store.check(
                asAnn().setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(7)).build(), leases),
        ErrorCode.PERMISSION_DENIED);
  }

  @Test
  void rulesOf34LetNestedTransactionsPass() {
    AuthStore old = new AuthStore(4, () -> AuthRules.ETCD_3_4);
    old.loaded();
    enable();
    store.sideState().forEach(old::load);
    old.load(
        new io.lodestone.revisions.StreamItem.UserState(
            User.newBuilder().setName(utf8("ann")).build()));
    old.loaded();
    InternalRaftRequest.Builder nested = asAnn();
    nested
        .getTxnBuilder()
        .addSuccess(
            RequestOp.newBuilder()
                .setRequestTxn(
                    TxnRequest.newBuilder()
                        .addSuccess(
                            RequestOp.newBuilder()
                                .setRequestPut(PutRequest.newBuilder().setKey(utf8("x"))))));
    old.check(nested.build(), lease -> List.of());
    refused(() -> store.check(nested.build(), lease -> List.of()), ErrorCode.PERMISSION_DENIED);
  }

  private InternalRaftRequest.Builder asAnn() {
    return InternalRaftRequest.newBuilder()
        .setHeader(
            RequestHeader.newBuilder().setUsername("ann").setAuthRevision(store.view().revision()));
  }

  @Test
  void disablingMovesTheRevisionAndEnablingDoesNot() {
    enable();
    long enabled = store.view().revision();
    apply(InternalRaftRequest.newBuilder().setAuthDisable(AuthDisableRequest.getDefaultInstance()));
    assertThat(store.view().revision()).isEqualTo(enabled + 1);
    apply(InternalRaftRequest.newBuilder().setAuthEnable(AuthEnableRequest.getDefaultInstance()));
    assertThat(store.view().revision()).isEqualTo(enabled + 1);
  }

  @Test
  void aUserWithoutPasswordNeitherLogsInNorGetsOne() {
    Logins logins = new Logins(store::view, new NoTokens(), 4, Runnable::run);
    apply(
        InternalRaftRequest.newBuilder()
            .setAuthUserAdd(
                AuthUserAddRequest.newBuilder()
                    .setName("ann")
                    .setOptions(UserAddOptions.newBuilder().setNoPassword(true))));
    enable();
    assertThat(logins.login("ann", "", request -> null))
        .failsWithin(java.time.Duration.ofSeconds(10))
        .withThrowableThat()
        .withMessageContaining("password was given for no password user");
  }

  @Test
  void rowsThatAreNoneAreCorrupt() {
    AuthStore broken = new AuthStore(4);
    assertThatThrownBy(() -> broken.load(Bucket.USERS, utf8("ann"), utf8("\n\100")))
        .isInstanceOf(CorruptDataException.class);
    assertThatThrownBy(() -> broken.load(Bucket.AUTH, Ledger.REVISION_KEY, utf8("1")))
        .isInstanceOf(CorruptDataException.class);
  }
}
