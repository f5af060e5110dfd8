package io.lodestone.etcdfile.bolt;

import java.io.IOException;

/** Gives pages the next numbers of the file and appends them. Confined to one thread. */
final class PageAppender {
  private final PageOutput out;
  private final int pageSize;
  private long nextPage = Layout.FIRST_DATA_PAGE;

  PageAppender(PageOutput out, int pageSize) {
    this.out = out;
    this.pageSize = pageSize;
  }

  int pageSize() {
    return pageSize;
  }

  /** How many pages the file has so far, meta pages included. */
  long pages() {
    return nextPage;
  }

  /** Writes {@code page} with the overflow it needs; returns its number. */
  long append(PageBuilder page) throws IOException {
    long id = nextPage;
    long pages = (page.sizeBytes() + pageSize - 1) / pageSize;
    page.writeTo(out, id, pages - 1);
    out.padTo(pageSize);
    nextPage += pages;
    return id;
  }
}
