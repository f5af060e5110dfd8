package io.lodestone.server.proposal;

import com.google.protobuf.Message;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.RequestHeader;
import io.lodestone.auth.Identity;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.server.call.Access;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Proposes what clients ask for: names the caller in the request's header, refuses what is too
 * large, and turns a refusal by the store into a failure. Thread-safe.
 */
public final class Submissions {
  private final Proposals proposals;
  private final RequestIds ids;
  private final Access access;
  private final Supplier<Identity> root;
  private final int maxRequestBytes;

  /** {@code root} is who the server itself acts as. */
  public Submissions(
      Proposals proposals,
      RequestIds ids,
      Access access,
      Supplier<Identity> root,
      int maxRequestBytes) {
    this.proposals = proposals;
    this.ids = ids;
    this.access = access;
    this.root = root;
    this.maxRequestBytes = maxRequestBytes;
  }

  /**
   * Commits {@code request}, in the name of the current call's user, and makes the answer of what
   * the store says: its response and its main revision right behind it. {@code answer} runs on the
   * apply thread.
   */
  public <R extends Message, A> CompletableFuture<A> submit(
      InternalRaftRequest.Builder request, Class<R> response, BiFunction<R, Long, A> answer) {
    return submitAs(access.user(), request, response, answer);
  }

  /** The same in the name of {@code user}. */
  public <R extends Message, A> CompletableFuture<A> submitAs(
      Identity user,
      InternalRaftRequest.Builder request,
      Class<R> response,
      BiFunction<R, Long, A> answer) {
    return propose(request.setHeader(header(user)).build())
        .thenApply(applied -> answer.apply(response.cast(responseOf(applied)), applied.revision()));
  }

  /** Commits {@code request} in the name of the server itself, which may do everything. */
  public CompletableFuture<Message> submitOwn(InternalRaftRequest.Builder request) {
    return submitAs(root.get(), request, Message.class, (response, revision) -> response);
  }

  /** The same for what only a leader does: see {@link Proposals#proposeAsLeader}. */
  public CompletableFuture<Message> submitAsLeader(InternalRaftRequest.Builder request) {
    return proposals
        .proposeAsLeader(request.setHeader(header(root.get())).build())
        .thenApply(Submissions::responseOf);
  }

  private RequestHeader.Builder header(Identity user) {
    RequestHeader.Builder header = RequestHeader.newBuilder().setID(ids.next());
    user.writeTo(header);
    return header;
  }

  private CompletableFuture<Applied> propose(InternalRaftRequest request) {
    if (request.getSerializedSize() > maxRequestBytes) {
      throw new StoreException(ErrorCode.REQUEST_TOO_LARGE);
    }
    return proposals.propose(request);
  }

  private static Message responseOf(Applied applied) {
    return applied
        .response()
        .orElseThrow(
            () ->
                applied
                    .refusal()
                    .orElseThrow(
                        // It was applied before this member could tell what it came to.
                        () -> new StoreException(ErrorCode.TIMEOUT)));
  }
}
