package io.lodestone.server.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What etcd refuses before its log, and what it lets through. */
final class RequestChecksTest {
  private static final int MAX_OPS = 128;

  private static RequestOp put(String key) {
    return RequestOp.newBuilder()
        .setRequestPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
        .build();
  }

  private static RequestOp delete(String key, String end) {
    return RequestOp.newBuilder()
        .setRequestDeleteRange(
            DeleteRangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setRangeEnd(ByteString.copyFromUtf8(end)))
        .build();
  }

  private static RequestOp nested(RequestOp... success) {
    return RequestOp.newBuilder().setRequestTxn(txn(success)).build();
  }

  private static TxnRequest txn(RequestOp... success) {
    return TxnRequest.newBuilder().addAllSuccess(List.of(success)).build();
  }

  private static void check(RequestOp... success) {
    RequestChecks.check(txn(success), MAX_OPS);
  }

  private static void assertDuplicate(RequestOp... success) {
    assertThatThrownBy(() -> check(success))
        .isInstanceOfSatisfying(
            StoreException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.DUPLICATE_KEY));
  }

  @Test
  void aKeyIsPutOnce() {
    assertDuplicate(put("x"), put("x"));
    assertDuplicate(put("x"), nested(put("x")));
    assertDuplicate(nested(put("x")), nested(put("x")));
    check(put("x"), put("y"));
  }

  @Test
  void aPutMustNotMeetADelete() {
    assertDuplicate(put("x"), delete("x", ""));
    assertDuplicate(put("x"), delete("a", "z"));
    assertDuplicate(delete("a", "z"), nested(put("x")));
    assertDuplicate(nested(delete("x", "")), put("x"));
    assertDuplicate(nested(delete("x", "")), nested(put("x")));
    check(put("x"), delete("a", "x"));
  }

  @Test
  void etcdOverlooksTheseTwo() {
    check(nested(put("x")), nested(delete("x", "")));
    check(put("x"), delete("a", "\0"));
  }

  @Test
  void branchesExcludeEachOther() {
    TxnRequest either = TxnRequest.newBuilder().addSuccess(put("x")).addFailure(put("x")).build();

    check(RequestOp.newBuilder().setRequestTxn(either).build());
    assertDuplicate(RequestOp.newBuilder().setRequestTxn(either).build(), put("x"));
  }

  @Test
  void aNestedTransactionGetsWhatIsLeft() {
    RequestOp[] many = new RequestOp[64];
    for (int i = 0; i < many.length; i++) {
      many[i] = put("k" + i);
    }
    RequestOp[] tooMany = Arrays.copyOf(many, 65);
    tooMany[64] = put("k64");
    RequestOp[] outer = new RequestOp[64];
    for (int i = 0; i < outer.length; i++) {
      outer[i] = delete("d" + i, "");
    }

    outer[0] = nested(many);
    check(outer);
    outer[0] = nested(tooMany);

    assertThatThrownBy(() -> check(outer))
        .hasMessage("etcdserver: too many operations in txn request");
  }

  @Test
  void anEmptyOperationIsRefused() {
    assertThatThrownBy(() -> check(RequestOp.getDefaultInstance()))
        .hasMessage("etcdserver: key not found");
    assertThatThrownBy(() -> check(put(""))).hasMessage("etcdserver: key is not provided");
  }
}
