package io.lodestone.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.lodestone.api.KeyRange;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.AuthenticateResponse;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestHeader;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Our auth, wired as a server of one member without a keyspace would. */
final class OurSide {
  private static final int BCRYPT_COST = 4;

  final MemoryRows rows = new MemoryRows();
  final AuthStore store = new AuthStore(BCRYPT_COST);
  final Logins logins;
  private final Map<String, String> tokens = new HashMap<>();
  private final Map<ByteString, Long> leaseOfKey = new HashMap<>();
  private long index;

  OurSide(Tokens provider) {
    store.loaded(rows);
    store.useTokens(provider);
    logins = new Logins(store::view, provider, BCRYPT_COST, Runnable::run);
  }

  Optional<String> token(String user) {
    return Optional.ofNullable(tokens.get(user));
  }

  Answer login(String user, String password) {
    return answer(
        () -> {
          AuthenticateResponse response =
              logins
                  .login(
                      user,
                      password,
                      request ->
                          CompletableFuture.supplyAsync(
                              () -> (AuthenticateResponse) apply(Optional.empty(), request),
                              Runnable::run))
                  .join();
          tokens.put(user, response.getToken());
          return response;
        });
  }

  Answer call(Optional<String> token, InternalRaftRequest request) {
    return answer(() -> apply(token, hashed(request)));
  }

  private InternalRaftRequest hashed(InternalRaftRequest request) {
    InternalRaftRequest.Builder builder = request.toBuilder();
    if (request.hasAuthUserAdd()) {
      builder.setAuthUserAdd(logins.hashed(request.getAuthUserAdd()).join());
    }
    if (request.hasAuthUserChangePassword()) {
      builder.setAuthUserChangePassword(logins.hashed(request.getAuthUserChangePassword()).join());
    }
    return builder.build();
  }

  private Message apply(Optional<String> token, InternalRaftRequest request) {
    RequestHeader.Builder header = RequestHeader.newBuilder();
    logins.identify(token).writeTo(header);
    InternalRaftRequest entry = request.toBuilder().setHeader(header).build();
    index++;
    store.check(entry, this::ofLease);
    if (AuthStore.isAuthRequest(entry)) {
      return store.apply(index, entry, rows);
    }
    follow(entry);
    return entry;
  }

  private Iterable<ByteString> ofLease(long lease) {
    return leaseOfKey.entrySet().stream()
        .filter(entry -> entry.getValue() == lease)
        .map(Map.Entry::getKey)
        .toList();
  }

  private void follow(InternalRaftRequest entry) {
    if (entry.hasPut()) {
      put(entry.getPut());
    } else if (entry.hasDeleteRange()) {
      delete(new KeyRange(entry.getDeleteRange().getKey(), entry.getDeleteRange().getRangeEnd()));
    } else if (entry.hasTxn()) {
      txn(entry.getTxn());
    } else if (entry.hasLeaseRevoke()) {
      leaseOfKey.values().removeIf(lease -> lease == entry.getLeaseRevoke().getID());
    }
  }

  private void put(PutRequest put) {
    leaseOfKey.remove(put.getKey());
    if (put.getLease() != 0) {
      leaseOfKey.put(put.getKey(), put.getLease());
    }
  }

  private void delete(KeyRange range) {
    leaseOfKey.keySet().removeIf(range::contains);
  }

  /** The compares of the tests always hold. */
  private void txn(TxnRequest txn) {
    for (RequestOp operation : txn.getSuccessList()) {
      if (operation.hasRequestPut()) {
        put(operation.getRequestPut());
      } else if (operation.hasRequestDeleteRange()) {
        delete(
            new KeyRange(
                operation.getRequestDeleteRange().getKey(),
                operation.getRequestDeleteRange().getRangeEnd()));
      } else if (operation.hasRequestTxn()) {
        txn(operation.getRequestTxn());
      }
    }
  }

  private static Answer answer(java.util.function.Supplier<Message> call) {
    try {
      return Answer.of(call.get());
    } catch (StoreException e) {
      return Answer.of(e);
    } catch (CompletionException e) {
      if (e.getCause() instanceof StoreException refusal) {
        return Answer.of(refusal);
      }
      throw e;
    }
  }
}
