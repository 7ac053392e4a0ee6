/** Links per lane and status, kept by triggers, so that counting never walks the links. */
export const linkCounts = `
create table link_count (
  lane integer not null, status text not null, n integer not null, primary key (lane, status)
) strict, without rowid;
insert into link_count (lane, status, n) select lane, status, count(*) from link group by lane, status;
create trigger link_count_insert after insert on link begin
  insert into link_count (lane, status, n) values (new.lane, new.status, 1)
    on conflict (lane, status) do update set n = n + 1;
end;
create trigger link_count_delete after delete on link begin
  update link_count set n = n - 1 where lane = old.lane and status = old.status;
end;
create trigger link_count_update after update of status on link when old.status <> new.status begin
  update link_count set n = n - 1 where lane = old.lane and status = old.status;
  insert into link_count (lane, status, n) values (new.lane, new.status, 1)
    on conflict (lane, status) do update set n = n + 1;
end;
`;
