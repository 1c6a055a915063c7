import { useEffect } from "react";
import { useClient } from "urql";
import { WatchNotificationsDocument } from "../api/generated/graphql.ts";

/** Follows what the reader is told, for as long as the console is open. What is heard is written into the cache: the count beside the bell, and the list where it was read. */
export function useLiveNotifications() {
  const client = useClient();
  useEffect(() => {
    const followed = client.subscription(WatchNotificationsDocument, { after: null }).subscribe(() => undefined);
    return () => followed.unsubscribe();
  }, [client]);
}
