package io.lodestone.mvcc.apply;

import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeResponse;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.PutResponse;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.ResponseHeader;
import io.lodestone.api.etcdserverpb.ResponseOp;
import io.lodestone.api.etcdserverpb.TxnResponse;
import java.util.Iterator;

/** Runs the chosen branch of a transaction, one operation after another. */
abstract class TxnRun {
  abstract RangeResponse range(RangeRequest request);

  abstract PutResponse put(PutRequest request);

  abstract DeleteRangeResponse delete(DeleteRangeRequest request);

  /** The response without its header; responses within have theirs, as etcd's do. */
  final TxnResponse.Builder run(Branch branch) {
    TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(branch.succeeded());
    Iterator<Branch> nested = branch.nested().iterator();
    for (RequestOp operation : branch.operations()) {
      response.addResponses(run(operation, nested));
    }
    return response;
  }

  private ResponseOp run(RequestOp operation, Iterator<Branch> nested) {
    ResponseOp.Builder response = ResponseOp.newBuilder();
    switch (operation.getRequestCase()) {
      case REQUEST_RANGE -> response.setResponseRange(range(operation.getRequestRange()));
      case REQUEST_PUT -> response.setResponsePut(put(operation.getRequestPut()));
      case REQUEST_DELETE_RANGE ->
          response.setResponseDeleteRange(delete(operation.getRequestDeleteRange()));
      case REQUEST_TXN ->
          response.setResponseTxn(
              run(nested.next()).setHeader(ResponseHeader.getDefaultInstance()));
      case REQUEST_NOT_SET -> {}
    }
    return response.build();
  }

  static ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder().setRevision(revision).build();
  }
}
